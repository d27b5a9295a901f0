"""Addresses of the course."""

from __future__ import annotations

from django.urls import path

from lessons.web import pages, panel

urlpatterns = [
    path("", pages.home, name="home"),
    path("learn/<slug:track>/<slug:slug>/", pages.start, name="start_lesson"),
    path("labs/<slug:slug>/lesson/", panel.show, name="lesson_panel"),
    path("labs/<slug:slug>/lesson/hint/", panel.hint, name="lesson_hint"),
    path("labs/<slug:slug>/lesson/answer/", panel.answer, name="lesson_answer"),
    path("labs/<slug:slug>/lesson/solution/", panel.solution, name="lesson_solution"),
    path("labs/<slug:slug>/lesson/step/", panel.go, name="lesson_step"),
]
