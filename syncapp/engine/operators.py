"""What a filter rule may ask.

Owns the codes and their words. Which of them fit a field is decided by `schema`, what they mean by `conditions`.
"""
from __future__ import annotations

from syncapp.engine.words import Word


class Period(Word):
    """A span of time around today, before it or after it."""

    DAY = "day", "day"
    WEEK = "week", "week"
    MONTH = "month", "month"
    QUARTER = "quarter", "quarter"
    YEAR = "year", "year"


class FilterOperator(Word):
    """What a filter rule asks. Which of them fit a field is decided by its type."""

    EQUALS = "EQUALS", "is equal to"
    NOT_EQUALS = "NOT_EQUALS", "is not equal to"
    CONTAINS = "CONTAINS", "contains"
    NOT_CONTAINS = "NOT_CONTAINS", "does not contain"
    CONTAINS_EXACTLY = "CONTAINS_EXACTLY", "contains exactly"
    NOT_CONTAINS_EXACTLY = "NOT_CONTAINS_EXACTLY", "does not contain exactly"
    STARTS_WITH = "STARTS_WITH", "starts with"
    ENDS_WITH = "ENDS_WITH", "ends with"
    EVER_EQUALED = "EVER_EQUALED", "has ever been equal to"
    NEVER_EQUALED = "NEVER_EQUALED", "has never been equal to"
    EVER_CONTAINED = "EVER_CONTAINED", "has ever contained"
    NEVER_CONTAINED = "NEVER_CONTAINED", "has never contained"
    GREATER = "GREATER", "is greater than"
    GREATER_OR_EQUAL = "GREATER_OR_EQUAL", "is greater than or equal to"
    LESS = "LESS", "is less than"
    LESS_OR_EQUAL = "LESS_OR_EQUAL", "is less than or equal to"
    BETWEEN = "BETWEEN", "is between"
    NOT_BETWEEN = "NOT_BETWEEN", "is not between"
    ANY_OF = "ANY_OF", "is any of"
    NONE_OF = "NONE_OF", "is none of"
    EXACTLY = "EXACTLY", "is exactly"
    NOT_EXACTLY = "NOT_EXACTLY", "is not exactly"
    CONTAINS_ALL = "CONTAINS_ALL", "contains all of"
    NOT_CONTAINS_ALL = "NOT_CONTAINS_ALL", "does not contain all of"
    EVER_ANY_OF = "EVER_ANY_OF", "has ever been any of"
    NEVER_ANY_OF = "NEVER_ANY_OF", "has never been any of"
    EVER_EXACTLY = "EVER_EXACTLY", "has ever been exactly"
    NEVER_EXACTLY = "NEVER_EXACTLY", "has never been exactly"
    EVER_CONTAINED_ALL = "EVER_CONTAINED_ALL", "has ever contained all of"
    NEVER_CONTAINED_ALL = "NEVER_CONTAINED_ALL", "has never contained all of"
    BEFORE = "BEFORE", "is before"
    AFTER = "AFTER", "is after"
    LESS_THAN_DAYS_AGO = "LESS_THAN_DAYS_AGO", "is less than so many days ago"
    MORE_THAN_DAYS_AGO = "MORE_THAN_DAYS_AGO", "is more than so many days ago"
    LESS_THAN_DAYS_AHEAD = "LESS_THAN_DAYS_AHEAD", "is less than so many days from now"
    MORE_THAN_DAYS_AHEAD = "MORE_THAN_DAYS_AHEAD", "is more than so many days from now"
    IN_THIS = "IN_THIS", "is in this"
    IN_THIS_SO_FAR = "IN_THIS_SO_FAR", "is in this, so far,"
    IN_NEXT = "IN_NEXT", "is in the next"
    IN_LAST = "IN_LAST", "is in the last"
    BEFORE_FIELD = "BEFORE_FIELD", "is before the field"
    AFTER_FIELD = "AFTER_FIELD", "is after the field"
    IS_KNOWN = "IS_KNOWN", "is known"
    IS_UNKNOWN = "IS_UNKNOWN", "is unknown"
