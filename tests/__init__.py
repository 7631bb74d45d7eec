"""Tests of Siku; the folders mirror what they test."""
