"""Rubrics: how texts are judged, as data; scores that explain themselves, calibration, replays and reruns."""
