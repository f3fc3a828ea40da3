"""Addresses of the login's pages; the login itself stands before the admin's own."""

from django.urls import path

from auth_grpc.site.codes import CodePage
from auth_grpc.site.factor import FactorPage, SetUpPage
from auth_grpc.site.guests import GuestLogin, GuestLogout
from auth_grpc.site.login import LoginPage
from auth_grpc.site.passwords import AskPage, ChoosePage, DonePage, SentPage

urlpatterns = [
    path("admin/login/", LoginPage.as_view()),
    path("account/login/", GuestLogin.as_view(), name="account_login"),
    path("account/logout/", GuestLogout.as_view(), name="account_logout"),
    path("account/code/", CodePage.as_view(), name="second_factor_code"),
    path("account/second-factor/", FactorPage.as_view(), name="second_factor"),
    path("account/second-factor/set-up/", SetUpPage.as_view(), name="second_factor_set_up"),
    # The name by which the login page of the staff site finds it.
    path("account/password/", AskPage.as_view(), name="admin_password_reset"),
    path("account/password/sent/", SentPage.as_view(), name="password_link_sent"),
    path("account/password/done/", DonePage.as_view(), name="password_set"),
    path("account/password/<uidb64>/<token>/", ChoosePage.as_view(), name="password_link"),
]
