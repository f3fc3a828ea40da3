from rest_framework.routers import SimpleRouter

from delivery.api import views

# Converters refuse what is no id before a view sees it.
router = SimpleRouter(use_regex_path=False)
router.register("delivery/deliveries", views.DeliveryViewSet)
router.register("delivery/couriers", views.CourierViewSet)
urlpatterns = router.urls
