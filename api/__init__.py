"""Faces of a station: what a person or another program meets (REST, command line, later console, MQTT, HL7)."""
