"""What every page of the console has in common: who may open it, its panels, and the actions that it offers."""

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.views import View

from models_app.changes.policy_changes.subjects import is_begun
from models_app.changes.second_factor import SecondFactorNeeded
from models_app.console.ui.actions import ActionForm
from models_app.console.ui.panels import Cell, Figure, Figures, Note, Panel, address
from scoring import releases
from scoring.engine import document as documents
from tenants.models import Person, Tenant
from tenants.permissions import may, require
from tenants.problem_documents import status_of
from tenants.refusals import REFUSED, messages_by_field, refused
from tenants.roles import Permission

FEW_ACTIONS = 2  # that stand beside the prominent ones; more are behind a menu


class Page(LoginRequiredMixin, View):
    """GET shows the panels, POST does one of the actions. Errors of services come back at the fields that they name.

    While `is_busy()`, the live panels are fetched again every `refresh_seconds`; once it is over, the whole page is.
    """

    title: str = ""
    intro: str = ""
    actions: ClassVar[Sequence[type[ActionForm[Any]]]] = ()
    is_fragment: ClassVar[bool] = False  # whether it answers with a piece of a page, for a page that asks for it
    refresh_seconds: ClassVar[int] = 2  # seconds
    also_live: ClassVar[str] = ""  # other parts that are fetched with the live panels, as a selector: `#traffic`
    has_next_step: ClassVar[bool] = True  # whether its first link may be the page's first button; else all are quiet
    subject: ClassVar[str] = ""  # the cached property that finds what the page is about, or raises Http404

    @property
    def person(self) -> Person:
        assert isinstance(self.request.user, Person)
        return self.request.user

    @cached_property
    def tenant(self) -> Tenant | None:
        return None

    @cached_property
    def takes_two(self) -> bool:
        """Whether it takes two people to change what decides over change requests here: several forms ask."""
        return is_begun(self.tenant)

    def heading(self) -> str:
        return self.title

    def check(self) -> None:
        """Raise Http404 for people who may not know that this page exists."""

    def badges(self) -> Sequence[Cell]:
        """Return badges beside the heading: the state of what the page is about."""
        return ()

    def links(self) -> Sequence[tuple[str, str]]:
        """Pages that this one leads to, as buttons at its head: (words, address)."""
        return ()

    @property
    def first_link(self) -> tuple[str, str] | None:
        """What to do where a list is empty."""
        return next(iter(self.links()), None)

    def panels(self) -> Iterable[Panel]:
        return ()

    def aside(self) -> Iterable[Panel]:
        """Return panels that stand beside the others where there is room, and else below them."""
        return ()

    def below(self) -> Iterable[Panel]:
        """Return panels under all others, across the whole page."""
        return ()

    def live_panels(self) -> Iterable[Panel]:
        """The panels on top that change while something is at work."""
        return ()

    def is_busy(self) -> bool:
        return False

    def breadcrumbs(self) -> Sequence[tuple[str, str]]:
        """The way here: (words, address)."""
        return ()

    def tabs(self) -> Sequence[tuple[str, str, bool]]:
        """Pages beside this one: (words, address, whether it is this one)."""
        return ()

    def handle_no_permission(self) -> Any:
        """Send to the login; a page that refreshes itself goes there whole, not with its live panels alone."""
        if "HX-Request" in self.request.headers:
            return HttpResponse(headers={"HX-Refresh": "true"})
        return super().handle_no_permission()

    def get(self, request: HttpRequest, *args: Any, **place: Any) -> HttpResponseBase:
        self._open()
        answer = self.render()
        if request.headers.get("HX-Target") == "live" and not self.is_busy():
            answer["HX-Refresh"] = "true"
        return answer

    def post(self, request: HttpRequest, *args: Any, **place: Any) -> HttpResponseBase:
        self._open()
        kind = next((act for act in self.actions if act.name == request.POST.get("act")), None)
        if kind is None:
            raise Http404("There is no such act on this page.")
        form = kind(self, request.POST, request.FILES)
        status, goal = self._perform(form) if self._allows(form) and form.is_valid() else (form.status, None)
        if status == HTTPStatus.CONFLICT and not self._is_offered_now(kind):
            messages.error(self.request, " ".join(str(each) for each in form.non_field_errors()))
            return redirect(request.get_full_path())
        if status >= 400:
            return self.answer([form if act is kind else act(self) for act in self.actions], status)
        if isinstance(goal, HttpResponseBase):
            return goal
        if form.success:
            self.tell(form.success)
        return redirect(goal or request.get_full_path())

    def render(self) -> HttpResponse:
        """The page as it is now, its forms not filled in: also where an act has something to show only once."""
        return self.answer([act(self) for act in self.actions])

    def answer(self, forms: Sequence[ActionForm[Any]], status: int = 200) -> HttpResponse:
        offered = [form for form in forms if form.is_bound or form.is_offered()]
        panels, aside, below = list(self.panels()), list(self.aside()), list(self.below())
        if self.actions and not (offered or panels):
            panels = [Note("You do not have the role that this page needs. Members shows who has which role.", "wait")]
        dialogs = [form for form in offered if form.in_dialog]
        context = {
            "page": self,
            "title": self.heading(),
            "panels": panels,
            "aside": aside,
            "below": below,
            "forms": [form for form in offered if not form.in_dialog],
            "dialogs": dialogs,
            "links_lead": self.has_next_step and not any(form.prominent for form in dialogs),  # not two that lead
            "has_many_acts": sum(form.is_further for form in dialogs) > FEW_ACTIONS,
            "has_figures": _have_figures([*panels, *aside, *below]),  # else the browser needs no Plotly
        }
        context |= admin.site.each_context(self.request)
        return TemplateResponse(self.request, "console/page.html", context, status=status)

    def tell(self, words: str) -> None:
        """Say this on the page that comes next."""
        messages.success(self.request, words)

    def _is_offered_now(self, kind: type[ActionForm[Any]]) -> bool:
        """Whether the act still makes sense, as things are by now: another may have done it meanwhile."""
        now = type(self)()
        now.setup(self.request, *self.args, **self.kwargs)
        return kind(now).is_offered()

    def _allows(self, form: ActionForm[Any]) -> bool:
        """Whether the person may do this at all. It is checked first, so that nobody else sees other error messages."""
        try:
            if form.needs is not None:
                require(self.person, form.needs, self.tenant)
        except PermissionDenied as denied:
            form.deny(str(denied))
            return False
        return True

    def _perform(self, form: ActionForm[Any]) -> tuple[int, str | HttpResponse | None]:
        """The status, and where to go on; what the service refuses is noted at the form."""
        try:
            with transaction.atomic():
                return 302, form.perform()
        except SecondFactorNeeded as needed:
            messages.warning(self.request, str(needed))
            return 302, redirect(prove(self.request.get_full_path()))
        except REFUSED as error:
            refusal = refused(error)
            if refusal is None:
                raise
            for field, messages_there in messages_by_field(refusal).items():
                for message in messages_there:
                    form.refuse(field, message)
            return status_of(refusal), None

    def _open(self) -> None:
        self.check()
        if self.subject:
            getattr(self, self.subject)


def prove(then: str) -> str:
    """Where somebody shows their second factor, or sets one up, before they go on to this address."""
    return f"{reverse('second_factor')}?{urlencode({'next': then})}"


class SharedPage(Page):
    """About what the platform shares: it does not exist for people without a platform role."""

    needs: ClassVar[Permission] = Permission.VIEW_SHARED

    def check(self) -> None:
        if not may(self.person, self.needs):
            raise Http404("There is no such page.")


class TenantPage(Page):
    """About one tenant, which its address names; 404 outside of the person's scope."""

    tab: ClassVar[str] = ""

    @cached_property
    def tenant(self) -> Tenant:
        return get_object_or_404(Tenant.objects.all(), slug=self.kwargs["tenant"])

    @cached_property
    def live_intents(self) -> Mapping[str, documents.Intent]:
        """What the tenant is served with now, by intent; read once, however many forms of a page need it."""
        live = releases.current(self.tenant)
        return documents.decode(live.document).intents if live else {}

    def check(self) -> None:
        if not may(self.person, Permission.VIEW, self.tenant):
            raise Http404("There is no such page.")

    def breadcrumbs(self) -> Sequence[tuple[str, str]]:
        return (("Tenants", address("tenants")), (self.tenant.name, address("tenant", tenant=self.tenant.slug)))

    def tabs(self) -> Sequence[tuple[str, str, bool]]:
        return [(words, address(page, tenant=self.tenant.slug), page == self.tab) for page, words in TABS]

    def at(self, page: str, **place: Any) -> str:
        """Return the address of a page of this tenant."""
        return address(page, tenant=self.tenant.slug, **place)


TABS = (
    ("tenant", "Intents"),
    ("changes", "Change requests"),
    ("releases", "Releases"),
    ("fits", "Fits"),
    ("transforms", "Transforms"),
    ("events", "Explorer"),
    ("keys", "Keys"),
    ("members", "Members"),
    ("policy", "Review policy"),
    ("notifications", "Notifications"),
    ("audit", "Audit"),
)


def _have_figures(panels: Iterable[Panel]) -> bool:
    return any(isinstance(panel, Figure | Figures) or _have_figures(getattr(panel, "panels", ())) for panel in panels)
