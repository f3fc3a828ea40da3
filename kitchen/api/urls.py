from rest_framework.routers import SimpleRouter

from kitchen.api import views

# Converters refuse what is no id before a view sees it.
router = SimpleRouter(use_regex_path=False)
router.register("kitchen/tickets", views.TicketViewSet)
router.register("kitchen/stations", views.StationViewSet)
urlpatterns = router.urls
