"""The systems, each as its real program behaves; a model never imports another system."""
