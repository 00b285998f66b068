"""Figures for Prometheus, for whoever has the token or calls from an allowed network, and for nobody else.

Owns the door and the form of the answer. Which figures there are is the business of `selectors.metrics`.
"""
from __future__ import annotations

import secrets
from collections.abc import Iterator
from ipaddress import ip_address

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from syncapp.selectors import metrics
from syncapp.web import callers

PREFIX = "syncapp_"


class Figures(Collector):
    """Reads the figures from the database whenever it is asked."""

    def collect(self) -> Iterator[Metric]:
        """Yield them as Prometheus takes them."""
        for figure in metrics.figures(now=timezone.now()):
            kind = CounterMetricFamily if figure.grows else GaugeMetricFamily
            family = kind(PREFIX + figure.name, figure.about, labels=figure.labels)
            for labels, value in figure.values:
                family.add_metric(labels, value)
            yield family


@never_cache
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Answer with all figures. Where nobody may read them the address does not exist."""
    if not settings.METRICS_TOKEN and not settings.METRICS_NETWORKS:
        raise Http404
    if not _may_read(request):
        return HttpResponse(status=403)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Figures())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _may_read(request: HttpRequest) -> bool:
    """Tell whether the caller fulfills whatever is set: the token, the network, or both."""
    return (not settings.METRICS_TOKEN or _has_token(request)) and (not settings.METRICS_NETWORKS or _is_near(request))


def _has_token(request: HttpRequest) -> bool:
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    return kind.lower() == "bearer" and secrets.compare_digest(given.strip().encode(), settings.METRICS_TOKEN.encode())


def _is_near(request: HttpRequest) -> bool:
    try:
        caller = ip_address(callers.address(request))
    except ValueError:
        return False
    return any(caller in network for network in settings.METRICS_NETWORKS)
