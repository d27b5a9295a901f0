"""What is kept of a visitor's way through the course. Lessons themselves are content, not rows."""

from __future__ import annotations

from django.db import models


class Attempt(models.Model):
    """One lesson in one lab, which is the visitor's.

    `begun` says whether the present step's set-up has been done; `memory` is the judge's, `seen` the
    newest revision it has looked at, `ticks` what the check list shows.
    """

    lab = models.OneToOneField("cluster.Lab", on_delete=models.CASCADE, related_name="attempt")
    lesson = models.CharField(max_length=100)
    step = models.CharField(max_length=100)
    begun = models.BooleanField(default=True)
    passed = models.BooleanField(default=False)
    seen = models.BigIntegerField(default=0)
    commands_seen = models.BigIntegerField(default=0)
    requests_seen = models.BigIntegerField(default=0)
    memory = models.JSONField(default=dict)
    ticks = models.JSONField(default=dict)
    hints = models.JSONField(default=dict)  # step id → how many hints were opened
    started = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.lesson}#{self.step}"


class StepPass(models.Model):
    """A step that a visitor has passed, kept when the lab is gone."""

    visitor = models.ForeignKey("cluster.Visitor", on_delete=models.CASCADE, related_name="passed_steps")
    lesson = models.CharField(max_length=100)
    step = models.CharField(max_length=100)
    passed = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["visitor", "lesson", "step"], name="one_pass_per_step")]

    def __str__(self) -> str:
        return f"{self.lesson}#{self.step}"


class Answer(models.Model):
    """A visitor's latest answer to a quiz question."""

    visitor = models.ForeignKey("cluster.Visitor", on_delete=models.CASCADE, related_name="answers")
    lesson = models.CharField(max_length=100)
    step = models.CharField(max_length=100)
    quiz = models.CharField(max_length=100)
    option = models.CharField(max_length=100)
    right = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["visitor", "lesson", "step", "quiz"], name="one_answer_per_quiz")
        ]

    def __str__(self) -> str:
        return f"{self.lesson}#{self.step}: {self.option}"
