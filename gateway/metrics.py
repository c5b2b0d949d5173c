"""Prometheus metrics: bounded labels, base units, never a person. https://prometheus.io/docs/practices/naming/"""

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest


class Metrics:
    """One registry per application, so that several can live in one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "fdgw_fhir_requests", "FHIR requests.", ["interaction", "status"], registry=self.registry
        )
        self._seconds = Histogram(
            "fdgw_fhir_request_seconds",
            "Time to answer a FHIR request.",
            ["interaction"],
            registry=self.registry,
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5),
        )
        self._known: dict[tuple[str, int], tuple[Counter, Histogram]] = {}
        self.timers_breached = Counter("fdgw_timers_breached", "Timers marked breached.", registry=self.registry)
        self.worker_ran_at = time.time()
        """When the worker last finished a round, in seconds since 1970; the start counts as one."""
        ran = Gauge("fdgw_worker_last_run_timestamp_seconds", "The worker's last round.", registry=self.registry)
        ran.set_function(lambda: self.worker_ran_at)

    def request(self, interaction: str, status: int, seconds: float) -> None:
        counted = self._known.get((interaction, status))
        if counted is None:
            counted = self._requests.labels(interaction, status), self._seconds.labels(interaction)
            self._known[interaction, status] = counted
        counted[0].inc()
        counted[1].observe(seconds)

    def text(self) -> bytes:
        return generate_latest(self.registry)
