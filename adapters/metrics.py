"""What a feed counts, for Prometheus; labels are bounded and never name a person.

https://prometheus.io/docs/practices/naming/
"""

from collections import Counter

from prometheus_client import CollectorRegistry, Gauge
from prometheus_client import Counter as Series

_MOST_LABELS = 500
_OTHER = "other"


class Metrics:
    """Counts in plain dictionaries while messages pass; `publish` brings them to the registry when it is read."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        names = ["feed", "type", "outcome"]
        self._messages = Series("fdgw_messages_total", "Messages received.", names, registry=registry)
        self._acks = Series("fdgw_acks_total", "Answers, by MSA-1.", ["code"], registry=registry)
        self._deliveries = Series("fdgw_deliveries_total", "Attempts.", ["verdict"], registry=registry)
        self._conflicts = Series(
            "fdgw_charset_conflicts_total", "Messages that are not in the set of MSH-18.", registry=registry
        )
        self._last = Gauge(
            "fdgw_feed_last_message_timestamp_seconds", "When a feed was last heard.", ["feed"], registry=registry
        )
        self.held = Gauge("fdgw_held_messages", "Messages to be looked at.", ["state"], registry=registry)
        self.connections = Gauge("fdgw_connections", "Open MLLP connections.", registry=registry)
        self.refused = Gauge("fdgw_refused_connections", "Refused since the start.", registry=registry)
        self.depth = Gauge("fdgw_queue_depth", "Messages not yet forwarded.", registry=registry)
        self.oldest = Gauge("fdgw_queue_oldest_seconds", "Age of the oldest of them.", registry=registry)
        self.gateway = Gauge("fdgw_gateway_up", "Whether the gateway answers.", registry=registry)
        self.up = Gauge("fdgw_adapter_up", "Whether the adapter can take messages.", registry=registry)
        self._known = {("", "")}
        self._received: Counter[tuple[str, str, str, str]] = Counter()
        self._heard: dict[str, float] = {}
        self.conflicts = 0
        self.delivered: Counter[str] = Counter()

    def received(self, feed: str, kind: str, outcome: str, code: str, at: float | None) -> None:
        """One message, answered with `code` of table 0008; feeds past the bound are not told apart.

        `at` is in seconds since 1970, None for what is no message.
        """
        if (feed, kind) not in self._known:
            if len(self._known) < _MOST_LABELS:
                self._known.add((feed, kind))
            else:
                feed = kind = ""
        self._received[feed, kind, outcome, code] += 1
        if at is not None:
            self._heard[feed] = at

    def publish(self) -> None:
        """Brings what was counted since the last time to the registry."""
        for (feed, kind, outcome, code), count in self._received.items():
            self._messages.labels(feed or _OTHER, kind or _OTHER, outcome).inc(count)
            self._acks.labels(code or "none").inc(count)
        for feed, at in self._heard.items():
            self._last.labels(feed or _OTHER).set(at)
        for verdict, count in self.delivered.items():
            self._deliveries.labels(verdict).inc(count)
        self._conflicts.inc(self.conflicts)
        self._received.clear()
        self._heard.clear()
        self.delivered.clear()
        self.conflicts = 0
