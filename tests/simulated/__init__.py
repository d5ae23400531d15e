"""Whole stations in virtual time: seeds x storms x power cuts x people, judged by laws that share no code with the station."""
