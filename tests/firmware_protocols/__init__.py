"""Codecs against paper."""
