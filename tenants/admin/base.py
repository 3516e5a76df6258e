"""What the console's plain record pages have in common: they show what the person may see, and change nothing."""

from typing import Any, ClassVar

from django.http import HttpRequest
from unfold.admin import ModelAdmin as UnfoldAdmin

from tenants.models import Person
from tenants.permissions import may, roles_of
from tenants.roles import Permission


class Records(UnfoldAdmin):
    """Records of the tenants in the person's scope. What changes them are services, over REST; no page writes rows.

    Rows of other tenants are not there, for the scope of the request hides them: 404.
    """

    list_per_page = 50
    show_full_result_count: ClassVar[bool] = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return isinstance(request.user, Person) and bool(roles_of(request.user))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class SharedRecords(Records):
    """What the platform shares: only platform roles see it."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return isinstance(request.user, Person) and may(request.user, Permission.VIEW_SHARED)
