"""The HorizontalPodAutoscaler, split by decision: what the metrics ask for, how fast it may happen, the sync.

Follows pkg/controller/podautoscaler. https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
Resource and ContainerResource metrics are served; Pods, Object and External metrics report that no API serves them.
"""
