"""What a HubSpot account is like: its details, its users, its fields.

Owns the calls that are made when an account is connected and when its fields are looked at again.
"""

from __future__ import annotations

from collections.abc import Sequence

from integrations import http, paging
from integrations.hubspot import answers, calls, environments


class Setup(calls.Calls):
    """Everything around the records."""

    def account(self) -> answers.Account:
        """Tell which account the token leads to.

        https://developers.hubspot.com/docs/api-reference/latest/account/account-information/guide
        """
        call = self._call("account details", "GET", f"/account-info/{self._version}/details", "account/account-information/guide")
        return answers.understood(call, self._transport.send(call), answers.account)

    def owners(self) -> tuple[answers.Owner, ...]:
        """Return all users to whom records can belong.

        https://developers.hubspot.com/docs/api-reference/latest/crm/owners/guide
        """

        def fetch(after: str | None) -> paging.Page[answers.Owner]:
            query = (("limit", "100"), *((("after", after),) if after else ()))
            call = self._call("owners list", "GET", f"/crm/owners/{self._version}", "crm/owners/guide", query=query)
            return answers.understood(call, self._transport.send(call), lambda data: answers.page(data, answers.owner))

        pages = paging.pages(system=environments.SYSTEM, operation="owners list", fetch=fetch)
        return tuple(owner for page in pages for owner in page.entries)

    def properties(self, *, object_type: str) -> tuple[answers.Property, ...]:
        """Return the definitions of all fields of a kind of record.

        https://developers.hubspot.com/docs/api-reference/latest/crm/properties/guide
        """
        call = self._call(f"{object_type} properties list", "GET", self._properties(object_type), "crm/properties/guide")
        return answers.understood(call, self._transport.send(call), lambda data: tuple(map(answers.property_definition, data["results"])))

    def create_property(
        self,
        *,
        object_type: str,
        name: str,
        label: str,
        group: str,
        type: str,
        field_type: str,
        unique: bool = False,
        description: str = "",
        options: Sequence[tuple[str, str]] = (),
    ) -> answers.Property:
        """Define a field; `options` are (value, label). Raises AlreadyExists where there is one of that name; an archived one comes back.

        https://developers.hubspot.com/docs/api-reference/latest/crm/properties/guide
        """
        body: dict[str, object] = {"name": name, "label": label, "groupName": group, "type": type, "fieldType": field_type}
        body |= {"description": description, **({"hasUniqueValue": True} if unique else {})}
        if options:
            body["options"] = [{"value": value, "label": label, "displayOrder": at} for at, (value, label) in enumerate(options)]
        call = self._write(f"{object_type} property create", "POST", self._properties(object_type), "crm/properties/guide", body)
        return answers.understood(call, self._transport.send(call), answers.property_definition)

    def archive_property(self, *, object_type: str, name: str) -> None:
        """Put a field away; its values come back with it. Raises Gone where there is none, Rejected where it is in use.

        https://developers.hubspot.com/docs/api-reference/latest/crm/properties/guide
        """
        path = f"{self._properties(object_type)}/{http.segment(name)}"
        self._transport.send(self._write(f"{object_type} property archive", "DELETE", path, "crm/properties/guide"))

    def groups(self, *, object_type: str) -> tuple[str, ...]:
        """Return the names of all groups of fields.

        https://developers.hubspot.com/docs/api-reference/latest/crm/properties/guide
        """
        path = f"{self._properties(object_type)}/groups"
        call = self._call(f"{object_type} property groups list", "GET", path, "crm/properties/guide")
        return answers.understood(call, self._transport.send(call), lambda data: tuple(map(answers.property_group, data["results"])))

    def archive_group(self, *, object_type: str, name: str) -> None:
        """Put a group of fields away. Raises Gone where there is none, Rejected where it still has fields.

        https://developers.hubspot.com/docs/api-reference/latest/crm/properties/guide
        """
        path = f"{self._properties(object_type)}/groups/{http.segment(name)}"
        self._transport.send(self._write(f"{object_type} property group archive", "DELETE", path, "crm/properties/guide"))

    def create_group(self, *, object_type: str, name: str, label: str) -> None:
        """Make a group of fields. Raises AlreadyExists where there is one of that name.

        https://developers.hubspot.com/docs/api-reference/latest/crm/properties/guide
        """
        path = f"{self._properties(object_type)}/groups"
        body = {"name": name, "label": label, "displayOrder": -1}
        self._transport.send(self._write(f"{object_type} property group create", "POST", path, "crm/properties/guide", body))
