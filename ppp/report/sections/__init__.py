"""The sections of the evaluation report, as functions of a view. They print; they compute no money."""
