"""The default profile: every plugin in the order the default configuration runs them."""

from __future__ import annotations

from cluster.scheduler.framework import Plugin
from cluster.scheduler.plugins.imagelocality import ImageLocality
from cluster.scheduler.plugins.interpodaffinity import InterPodAffinity
from cluster.scheduler.plugins.nodeaffinity import NodeAffinity
from cluster.scheduler.plugins.nodename import NodeName, NodeUnschedulable
from cluster.scheduler.plugins.nodeports import NodePorts
from cluster.scheduler.plugins.podtopologyspread import PodTopologySpread
from cluster.scheduler.plugins.resources import BalancedAllocation, NodeResourcesFit
from cluster.scheduler.plugins.taints import TaintToleration
from cluster.scheduler.plugins.volumebinding import VolumeBinding

PLUGINS: tuple[Plugin, ...] = (
    NodeUnschedulable(),
    NodeName(),
    TaintToleration(),
    NodeAffinity(),
    NodePorts(),
    NodeResourcesFit(),
    VolumeBinding(),
    PodTopologySpread(),
    InterPodAffinity(),
    BalancedAllocation(),
    ImageLocality(),
)
