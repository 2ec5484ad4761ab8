"""What the whole house counts, read from its database at each scrape and shown beside the door's own counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.registry import Collector

from shopify_imagegen.errors import ImagegenError

Samples = Sequence[tuple[Mapping[str, str], float]]  #: labels, value
Readings = Callable[[], Mapping[str, Samples]]  #: name -> samples; the name's end says what it is: see `_family`


class HouseCollector(Collector):
    """Asks the house at each scrape. A database that is away leaves the page with one gauge that says so."""

    def __init__(self, readings: Readings) -> None:
        self._readings = readings

    def collect(self) -> Iterator[Metric]:
        try:
            found = self._readings()
        except ImagegenError:
            yield _up(0)
            return
        yield _up(1)
        for name in found:
            family = _family(name, found)
            if family:
                yield family

    def describe(self) -> Iterable[Metric]:
        """Nothing at registration: the names are known when they are read."""
        return ()


def _up(value: float) -> Metric:
    return GaugeMetricFamily("imagegen_database_up", "Whether the database answers.", value=value)


def _family(name: str, found: Mapping[str, Samples]) -> Metric | None:
    """`…_total` is a counter, `…_sum` with its `…_count` a summary, everything else a gauge."""
    if name.endswith("_count"):
        return None  # told with its sum
    samples = found[name]
    labels = sorted({label for given, _ in samples for label in given})
    shown, words = f"imagegen_{name}", name.replace("_", " ").capitalize() + "."
    if name.endswith("_sum"):
        return _summary(shown, words, labels, samples, found.get(name.removesuffix("_sum") + "_count", ()))
    kind = CounterMetricFamily if name.endswith("_total") else GaugeMetricFamily
    family = kind(shown, words, labels=labels)
    for given, value in samples:
        family.add_metric(_values(given, labels), value)
    return family


def _summary(shown: str, words: str, labels: list[str], sums: Samples, counts: Samples) -> Metric:
    family = SummaryMetricFamily(shown.removesuffix("_sum"), words, labels=labels)
    counted = {tuple(_values(given, labels)): value for given, value in counts}
    for given, value in sums:
        values = _values(given, labels)
        family.add_metric(values, int(counted.get(tuple(values), 0)), value)
    return family


def _values(given: Mapping[str, str], labels: Sequence[str]) -> list[str]:
    return [str(given.get(label, "")) for label in labels]
