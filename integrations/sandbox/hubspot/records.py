"""What HubSpot does when a record is made, changed, put away, merged or forgotten.

Owns the rules of a write: requirements, uniqueness, computed values, history and times. Speaks no HTTP.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from integrations.sandbox.hubspot import commerce_rules, computed, errors, ids, invoicing, kinds, moments, telling
from integrations.sandbox.hubspot.errors import PropertyProblem
from integrations.sandbox.hubspot.kinds import Kind
from integrations.sandbox.hubspot.link_types import LinkType
from integrations.sandbox.hubspot.links import End
from integrations.sandbox.hubspot.portal import Portal
from integrations.sandbox.hubspot.registry import Writing
from integrations.sandbox.hubspot.shelf import Record, entry


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who writes.

    `enforced`: rules that an administrator made are applied. `privileged`: read-only values may be set.
    `by_hand`: a person writes, who may move a lifecycle stage back.
    """

    source: str
    source_id: str
    user_id: str = ""
    enforced: bool = True
    privileged: bool = False
    by_hand: bool = False

    @property
    def quiet(self) -> bool:
        """Whether records are loaded rather than worked on: what follows from a write leaves no trace of its own."""
        return self.privileged and not self.by_hand


HUBSPOT = Actor(source="CALCULATED", source_id="")
_BELONGING: Mapping[str, tuple[Kind, ...]] = {
    kinds.DEALS.name: (kinds.LINE_ITEMS,),
    kinds.INVOICES.name: (kinds.LINE_ITEMS, *kinds.ADJUSTMENTS),
}


@dataclass(frozen=True, kw_only=True)
class Made:
    """A record to be made: checked, but nothing is kept yet."""

    kind: Kind
    values: dict[str, str]
    links: Sequence[tuple[End, LinkType]] = ()


@dataclass(frozen=True, kw_only=True)
class Changed:
    """A change of a record: checked, but nothing is kept yet. `written` names what the caller wrote."""

    kind: Kind
    record: Record
    values: dict[str, str]
    written: frozenset[str]


@dataclass(kw_only=True)
class Claims:
    """Unique values taken by earlier inputs of the same batch."""

    taken: set[tuple[str, str]] = field(default_factory=set)


class Records:
    """The writes of one account."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    def check_new(
        self,
        kind: Kind,
        written: Mapping[str, object],
        *,
        actor: Actor,
        claims: Claims | None = None,
        links: Sequence[tuple[End, LinkType]] = (),
    ) -> Made:
        """Check what a new record would hold. Raises Refused."""
        if kind is kinds.LINE_ITEMS:
            written = commerce_rules.from_product(self._portal, written)
        values = {name: value for name, value in self._checked(kind, written, before={}, actor=actor).items() if value}
        self._require(kind, values, actor)
        if not actor.privileged:
            commerce_rules.check_new(self._portal, kind, values, [end for end, _ in links])
        self._unique(kind, values, own=None, claims=claims)
        return Made(kind=kind, values=values, links=links)

    def check_change(
        self, kind: Kind, record: Record, written: Mapping[str, object], *, actor: Actor, claims: Claims | None = None
    ) -> Changed:
        """Check a change of a record. Raises Refused."""
        values = self._checked(kind, written, before=record.values, actor=actor)
        if not actor.by_hand:
            values = computed.forward_only(values, before=record.values)
        after = {**record.values, **values}
        if actor.enforced:
            self._admin_rule(kind, after)
        if not actor.privileged:
            commerce_rules.check_change(self._portal, kind, record, values)
        changing = {name: value for name, value in values.items() if value and value != record.values.get(name)}
        self._unique(kind, changing, own=record.id, claims=claims)
        return Changed(kind=kind, record=record, values=values, written=frozenset(written))

    def _checked(self, kind: Kind, written: Mapping[str, object], *, before: Mapping[str, str], actor: Actor) -> dict[str, str]:
        how = Writing(
            before=before, owners=self._portal.owner_ids(), strict=self._portal.strict, read_only_too=actor.privileged
        )
        values, problems = self._portal.registry.checked(kind, written, how)
        if problems:
            raise errors.invalid_properties(problems, portal_id=self._portal.id)
        return values

    def _require(self, kind: Kind, values: Mapping[str, str], actor: Actor) -> None:
        needed = list(kind.required)
        if kind is kinds.PRODUCTS and self._portal.strict and not actor.privileged:
            needed.append("price")
        lacking = [name for name in needed if not values.get(name)]
        if kind.any_of and not any(values.get(name) for name in kind.any_of):
            lacking.append(kind.any_of[0])
        if lacking:
            raise errors.invalid_properties([_lacking(name) for name in lacking], portal_id=self._portal.id)
        if actor.enforced:
            self._admin_rule(kind, values)

    def _admin_rule(self, kind: Kind, values: Mapping[str, str]) -> None:
        name, _, wanted = str(self._portal.switch("admin_required_property")).partition(".")
        found = kinds.find(name) if name else None
        if found is kind and not values.get(wanted):
            raise errors.invalid_properties([_lacking(wanted)], portal_id=self._portal.id)

    def _unique(self, kind: Kind, values: Mapping[str, str], *, own: int | None, claims: Claims | None) -> None:
        shelf = self._portal.shelf(kind)
        names = [*(["email"] if kind is kinds.CONTACTS else []), *self._portal.registry.unique_names(kind)]
        claimed = []
        for name in names:
            value = values.get(name)
            if not value:
                continue
            holder = shelf.holder(name, value)
            within_batch = claims is not None and (name, value) in claims.taken
            if holder is not None and holder != own and name == "email":
                raise errors.contact_exists(holder)
            if within_batch or (holder is not None and holder != own):
                raise errors.value_taken(name, label=kind.label, record_id=None if within_batch else holder)
            claimed.append((name, value))
        if claims is not None:
            claims.taken.update(claimed)

    def make(self, made: Made, *, actor: Actor, at: int | None = None) -> Record:
        """Keep a checked new record and associate it."""
        at = self._portal.now() if at is None else at
        record_id = self._portal.next_id()
        values = computed.of_new(made.kind, made.values, record_id=record_id, at=at, actor_source=actor.source, source_id=actor.source_id)
        if actor.user_id:
            values["hs_created_by_user_id"] = values["hs_updated_by_user_id"] = actor.user_id
        record = Record(
            id=record_id,
            values=values,
            origin=entry(value="", at=at, source=actor.source, source_id=actor.source_id, user_id=actor.user_id),
            at=at,
        )
        if made.kind is kinds.INVOICES:
            self._first_of_invoice(record, made.values, actor=actor)
        self._portal.shelf(made.kind).put(record, before=None)
        telling.made(self._portal, made.kind, record, actor=actor)
        start = End(kind=made.kind, id=record_id)
        for end, link_type in made.links:
            self._portal.links.add(start, end, [link_type])
            telling.associated(self._portal, start, end, at=at, actor=actor)
        self.show_company(start, *(end for end, _ in made.links), actor=actor)
        self._follow_company(made.kind, record, values, actor=actor)
        self.settle(start, *(end for end, _ in made.links), quietly=actor.quiet)
        return record

    def _first_of_invoice(self, record: Record, written: Mapping[str, str], *, actor: Actor) -> None:
        """Number a new invoice, and note which values it brought along."""
        values = dict(record.values)
        if invoicing.billable(values) and not values.get("hs_number"):
            values["hs_number"] = self._portal.next_invoice_number()
        if not actor.privileged and "hs_amount_billed" in written and self._portal.switch("billed_lost_on_create"):
            values["hs_amount_billed"] = "0"
        record.values = values
        record.given = invoicing.given_after(None, values, written)

    def change(self, changed: Changed, *, actor: Actor) -> frozenset[str]:
        """Keep a checked change; the names tell what differs or was written."""
        record = changed.record
        values = dict(changed.values)
        values |= computed.of_change(changed.kind, {**record.values, **values})
        if actor.user_id:
            values["hs_updated_by_user_id"] = actor.user_id
        if changed.kind is kinds.INVOICES:
            record.given = invoicing.given_after(record, values, changed.written)
        differing = self._keep(changed.kind, record, values, actor=actor)
        self._follow_company(changed.kind, record, changed.values, actor=actor)
        settled = self.settle(End(kind=changed.kind, id=record.id))
        if changed.kind is kinds.INVOICES:
            differing |= settled
        return frozenset({*differing, *changed.written, "hs_object_id", changed.kind.modified})

    def _keep(self, kind: Kind, record: Record, values: Mapping[str, str], *, actor: Actor) -> set[str]:
        before = record.values
        at = max(self._portal.now(), record.at + 1)
        differing = {name for name, value in values.items() if value != before.get(name, "")}
        for name in differing:
            steps = record.history.setdefault(name, [])
            if not steps and before.get(name):
                steps.append([before[name], *record.origin[1:]])
            steps.append(entry(value=values[name], at=at, source=actor.source, source_id=actor.source_id, user_id=actor.user_id))
        after = {**before, **{name: values[name] for name in differing}, kind.modified: moments.text(at)}
        record.values = {name: value for name, value in after.items() if value}
        record.at = at
        self._portal.shelf(kind).put(record, before=before)
        telling.changed(self._portal, kind, record, differing, actor=actor)
        return differing

    def link(self, start: End, end: End, types: Iterable[LinkType], *, actor: Actor) -> None:
        """Associate two records; a contact shows its primary company, an invoice its amounts. Raises Refused."""
        commerce_rules.check_link(self._portal, start, end)
        self._portal.links.add(start, end, types)
        telling.associated(self._portal, start, end, at=self._portal.now(), actor=actor)
        self.show_company(start, end, actor=actor)
        self.settle(start, end)

    def unlink(self, start: End, end: End, numbers: Sequence[int] | None = None, *, actor: Actor) -> bool:
        """Take types, or all, off an association. False when there is none."""
        before = invoicing.affected(self._portal, (start, end))
        gone = self._portal.links.drop(start, end, numbers)
        if gone:
            telling.associated(self._portal, start, end, at=self._portal.now(), actor=actor, removed=True)
        self.show_company(start, end, actor=actor)
        self.settle(*(End(kind=kinds.INVOICES, id=one.id) for one in before))
        return gone

    def settle(self, *ends: End, quietly: bool = False) -> set[str]:
        """Compute anew the invoices that these records concern; quietly leaves their history and times alone. Tells what differs."""
        differing: set[str] = set()
        for invoice in invoicing.affected(self._portal, ends):
            values = invoicing.computed_values(self._portal, invoice)
            changes = {name: value for name, value in values.items() if value != invoice.values.get(name, "")}
            if changes and quietly:
                self._keep_quietly(kinds.INVOICES, invoice, changes)
            elif changes:
                self._keep(kinds.INVOICES, invoice, changes, actor=HUBSPOT)
            differing |= set(changes)
        return differing

    def pass_days(self) -> None:
        """Count the days that open invoices are overdue, once a day; nothing else about them changes."""
        day = invoicing.today(self._portal).isoformat()
        if self._portal.settled_on == day:
            return
        self._portal.settled_on = day
        for invoice in list(self._portal.shelf(kinds.INVOICES).live()):
            status, due = (invoice.values.get(name, "") for name in ("hs_invoice_status", "hs_due_date"))
            days = invoicing.days_overdue(self._portal, status=status, due_date=due)
            if "hs_days_overdue" not in invoice.given and days != invoice.values.get("hs_days_overdue"):
                self._keep_quietly(kinds.INVOICES, invoice, {"hs_days_overdue": days})

    def _keep_quietly(self, kind: Kind, record: Record, values: Mapping[str, str]) -> None:
        before = record.values
        record.values = {name: value for name, value in {**before, **values}.items() if value}
        self._portal.shelf(kind).put(record, before=before)

    def show_company(self, *ends: End, actor: Actor) -> None:
        """Let those of the ends that are contacts show their primary company."""
        for one in ends:
            record = self._portal.live(one) if one.kind is kinds.CONTACTS else None
            if record is None:
                continue
            company = self._portal.links.primary_of(one, kinds.COMPANIES)
            value = str(company) if company is not None else ""
            if value != record.values.get("associatedcompanyid", ""):
                self._keep(one.kind, record, {"associatedcompanyid": value}, actor=actor)

    def show_company_quietly(self, start: End) -> None:
        """Let a contact that was just loaded show its primary company, without a step of history or a new time."""
        record = self._portal.live(start) if start.kind is kinds.CONTACTS else None
        company = self._portal.links.primary_of(start, kinds.COMPANIES)
        if record is not None and company is not None and record.values.get("associatedcompanyid") != str(company):
            self._keep_quietly(start.kind, record, {"associatedcompanyid": str(company)})

    def _follow_company(self, kind: Kind, record: Record, written: Mapping[str, str], *, actor: Actor) -> None:
        if kind is not kinds.CONTACTS or "associatedcompanyid" not in written:
            return
        start = End(kind=kind, id=record.id)
        end = End(kind=kinds.COMPANIES, id=ids.whole(written["associatedcompanyid"]) or 0)
        primary = self._portal.links.types.primary(kind, kinds.COMPANIES)
        if primary is not None and self._portal.live(end) is not None:
            self._portal.links.add(start, end, [primary])
        elif primary is not None and not written["associatedcompanyid"]:
            self._without_primary(start, kinds.COMPANIES)
        self.show_company(start, actor=actor)

    def _without_primary(self, start: End, kind: Kind) -> None:
        primary, held = self._portal.links.types.primary(start.kind, kind), self._portal.links.primary_of(start, kind)
        if primary is not None and held is not None:
            self._portal.links.drop(start, End(kind=kind, id=held), [primary.number])

    def archive(self, kind: Kind, record: Record, *, actor: Actor) -> list[tuple[Kind, Record]]:
        """Put a record away, and with a deal or invoice the lines that belong to it; tells what went. Raises Refused."""
        if not actor.privileged:
            commerce_rules.check_archive(self._portal, kind, record)
        end = End(kind=kind, id=record.id)
        if kind is kinds.COMPANIES:
            self._leave_company(end, actor=actor)
        record.at = max(self._portal.now(), record.at + 1)
        record.archived = record.at
        self._portal.shelf(kind).archive(record)
        telling.deleted(self._portal, kind, record, at=record.at, actor=actor)
        gone = [(kind, record)]
        for part in _BELONGING.get(kind.name, ()):
            for one, _ in self._portal.linked(end, part):
                found = self._portal.shelf(part).find(one)
                if found is not None:
                    gone += self.archive(part, found, actor=actor)
        self.settle(end)
        return gone

    def restore(self, kind: Kind, record: Record) -> None:
        """Bring an archived record back to life, as it was. What was archived along with it stays where it is."""
        record.at, record.archived = max(self._portal.now(), record.at + 1), None
        record.values = {**record.values, kind.modified: moments.text(record.at)}
        self._portal.shelf(kind).restore(record)
        self.settle(End(kind=kind, id=record.id))

    def _leave_company(self, company: End, *, actor: Actor) -> None:
        for kind in (kinds.CONTACTS, kinds.DEALS):
            for one, _ in self._portal.linked(company, kind):
                end = End(kind=kind, id=one)
                if self._portal.links.primary_of(end, company.kind) == company.id:
                    self._without_primary(end, company.kind)
                    self.show_company(end, actor=actor)

    def purge(self, kind: Kind, record: Record) -> None:
        """Forget a record for good."""
        self._portal.links.forget(End(kind=kind, id=record.id))
        self._portal.shelf(kind).remove(record, at=self._portal.now())


def _lacking(name: str) -> PropertyProblem:
    return PropertyProblem(name=name, code="MISSING_REQUIRED_PROPERTY", message=f"A value for {name} must be provided")
