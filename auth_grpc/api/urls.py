from django.urls import URLPattern, URLResolver, path

from auth_grpc.api import schema, views

__all__ = ["schema", "urlpatterns"]  # Imported, the schema's extension registers itself.

urlpatterns: list[URLPattern | URLResolver] = [
    path("auth/register/", views.RegisterView.as_view(), name="auth-register"),
    path("auth/login/", views.LoginView.as_view(), name="auth-login"),
    path("auth/refresh/", views.RefreshView.as_view(), name="auth-refresh"),
    path("auth/logout/", views.LogoutView.as_view(), name="auth-logout"),
]
