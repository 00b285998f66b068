"""What a person sets up: a sync between two connections.

Owns the settings. Whether they make sense is decided by `services.configs`.
"""

from __future__ import annotations

from django.conf import settings
from django.core import validators
from django.db import models

from syncapp.engine import vocabulary
from syncapp.engine.wording import later
from syncapp.models import connections


class SyncConfig(models.Model):
    """One sync: two connections, one object pair, and the rules between them."""

    name = models.CharField(
        later("name"), max_length=100, unique=True, help_text=later("How this sync is called on pages and on the command line.")
    )
    left = models.ForeignKey(
        connections.Connection,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=later("HubSpot account"),
        limit_choices_to={"system": vocabulary.System.HUBSPOT},
        help_text=later("The HubSpot account that is kept in step."),
    )
    right = models.ForeignKey(
        connections.Connection,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=later("QuickBooks company"),
        limit_choices_to={"system": vocabulary.System.QUICKBOOKS},
        help_text=later("The QuickBooks company that is kept in step."),
    )
    object_pair = models.CharField(
        later("objects"),
        max_length=30,
        choices=vocabulary.ObjectPair.choices(),
        default=vocabulary.ObjectPair.CONTACT_CUSTOMER,
        help_text=later("Which kinds of record are kept in step."),
    )
    direction = models.CharField(
        later("direction"),
        max_length=20,
        choices=vocabulary.Direction.choices(),
        default=vocabulary.Direction.BOTH,
        help_text=later("Which way values flow. A field mapping can narrow this, never widen it."),
    )
    create_to = models.CharField(
        later("create"),
        max_length=20,
        choices=vocabulary.CreateTo.choices(),
        default=vocabulary.CreateTo.BOTH,
        help_text=later("On which side a record without a partner gets one."),
    )
    active = models.BooleanField(later("active"), default=False, editable=False, help_text=later("Whether it runs by itself."))
    switched_on_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False,
        help_text=later("Who last switched it on, and so answers for what it does by itself."),
    )
    interval_minutes = models.PositiveIntegerField(
        later("every (minutes)"),
        default=10,
        validators=[validators.MinValueValidator(1), validators.MaxValueValidator(1440)],
        help_text=later("How often an active sync runs, from 1 minute to a day."),
    )
    match_mode = models.CharField(
        later("matching"),
        max_length=20,
        choices=vocabulary.MatchMode.choices(),
        default=vocabulary.MatchMode.DEFAULT,
        help_text=later("How records that already exist on both sides find each other. Once linked, a pair stays linked."),
    )
    match_left = models.ForeignKey(
        connections.VendorField,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=later("HubSpot field to match by"),
        help_text=later("Only for a pair of fields of my choice."),
    )
    match_right = models.ForeignKey(
        connections.VendorField,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=later("QuickBooks field to match by"),
        help_text=later("Only for a pair of fields of my choice."),
    )
    key_required = models.BooleanField(
        later("leave out records without a key"),
        default=True,
        help_text=later("Records without any value to be matched by (contacts without an e-mail address) could become duplicates."),
    )
    conflict_winner = models.CharField(
        later("when both sides changed a field"),
        max_length=20,
        choices=[c for c in vocabulary.ConflictRule.choices() if c[0] != vocabulary.ConflictRule.CONFIG],
        default=vocabulary.ConflictRule.RIGHT,
        help_text=later("An empty winner never overwrites a value."),
    )
    delete_policy = models.CharField(
        later("when a record is deleted"),
        max_length=20,
        choices=vocabulary.DeletePolicy.choices(),
        default=vocabulary.DeletePolicy.REVIEW,
        help_text=later("A deletion is never repeated on the other side unless you choose so here."),
    )
    leave_policy = models.CharField(
        later("when a record leaves the filters"),
        max_length=20,
        choices=vocabulary.LeaveFilterPolicy.choices(),
        default=vocabulary.LeaveFilterPolicy.STOP,
        help_text=later("What happens to a pair that was in sync."),
    )
    name_policy = models.CharField(
        later("when a name is taken"),
        max_length=20,
        choices=vocabulary.NamePolicy.choices(),
        default=vocabulary.NamePolicy.FAIL,
        help_text=later("QuickBooks names are unique: among customers, vendors and employees, and among products and services."),
    )
    name_suffix = models.CharField(
        later("suffix"),
        max_length=30,
        default=" ({n})",
        help_text=later("Added to a taken name; {n} is the first free number from 2."),
    )
    new_product_type = models.CharField(
        later("type of new items"),
        max_length=20,
        choices=vocabulary.NewProductType.choices(),
        default=vocabulary.NewProductType.SERVICE,
        help_text=later("What a HubSpot product becomes when QuickBooks gets it. Inventory, bundles and categories are never made."),
    )
    income_account = models.CharField(
        later("income account"),
        max_length=20,
        blank=True,
        help_text=later("Where QuickBooks books what new items earn. Needed before anything is created in QuickBooks."),
    )
    expense_account = models.CharField(
        later("expense account"),
        max_length=20,
        blank=True,
        help_text=later("Where QuickBooks books what new items cost. Needed where a cost is written to QuickBooks."),
    )
    brake_creates = models.PositiveIntegerField(
        later("records created"),
        default=50,
        help_text=later("A run that would create more than this, and more than 5 % of the pairs, stops and asks. 0: no brake."),
    )
    brake_updates = models.PositiveIntegerField(
        later("records updated"),
        default=200,
        help_text=later("A run that would change more than this, and more than 30 % of the pairs, stops and asks. 0: no brake."),
    )
    brake_archives = models.PositiveIntegerField(
        later("records archived"),
        default=10,
        help_text=later("A run that would archive more than this, and more than 2 % of the pairs, stops and asks. 0: no brake."),
    )
    revision = models.PositiveIntegerField(default=1, editable=False, help_text=later("Grows with each change of the rules."))
    looked_through = models.JSONField(
        default=list, editable=False, help_text=later("The steps of the set-up that a person has gone through.")
    )
    next_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    asked_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text=later("Since when an event waits for a run that has not begun."),
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["left", "right", "object_pair"], name="one_config_per_pair_of_connections")]
        ordering = ["name"]
        verbose_name = later("sync")
        verbose_name_plural = later("syncs")
        permissions = [
            ("run_syncconfig", "Can start, preview, activate and stop a sync"),
            ("import_syncconfig", "Can import files into a sync"),
        ]

    def __str__(self) -> str:
        return self.name
