"""Every sentence a person reads: the layers below give codes and parameters, the words live here."""
