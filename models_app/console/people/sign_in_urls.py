"""Addresses of logging in: allauth's views that are used, and no others, each where a person would look for it."""

from allauth.account.views import reauthenticate
from allauth.mfa.base import views as base
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as passkeys
from django.urls import path
from django.views.generic import RedirectView

from models_app.console.people.log_in import LogIn
from models_app.console.people.passwords import Forgotten, SetPassword
from models_app.console.people.recovery import Recover
from models_app.console.people.second_factor import ShowSecondFactor
from models_app.console.people.single_sign_on import SignOn, SignOnBack

urlpatterns = [
    path("admin/login/", LogIn.as_view()),  # in the place of the admin's own, by whose name it is known
    path("log-in", RedirectView.as_view(pattern_name="admin:login", query_string=True), name="account_login"),
    path("log-in/confirm", reauthenticate, name="account_reauthenticate"),
    path("log-in/single-sign-on", SignOn.as_view(), name="single_sign_on"),
    path("log-in/single-sign-on/back", SignOnBack.as_view(), name="single_sign_on_back"),
    path("password/forgotten", Forgotten.as_view(), name="admin_password_reset"),  # the log-in's page looks for it
    path("password/<uidb64>/<token>", SetPassword.as_view(), name="set_password"),
    path("second-factor", base.index, name="mfa_index"),
    path("second-factor/show", ShowSecondFactor.as_view(), name="second_factor"),
    path("second-factor/log-in", base.authenticate, name="mfa_authenticate"),
    path("second-factor/confirm", base.reauthenticate, name="mfa_reauthenticate"),
    path("second-factor/app", app.activate_totp, name="mfa_activate_totp"),
    path("second-factor/app/remove", app.deactivate_totp, name="mfa_deactivate_totp"),
    path("second-factor/codes", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("second-factor/codes/new", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("second-factor/passkeys", base.index, name="mfa_list_webauthn"),
    path("second-factor/passkeys/new", passkeys.add_webauthn, name="mfa_add_webauthn"),
    path("second-factor/passkeys/log-in", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("second-factor/passkeys/confirm", passkeys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("second-factor/passkeys/<int:pk>/name", passkeys.edit_webauthn, name="mfa_edit_webauthn"),
    path("second-factor/passkeys/<int:pk>/remove", passkeys.remove_webauthn, name="mfa_remove_webauthn"),
    path("second-factor/lost/<token>", Recover.as_view(), name="recover"),
]
