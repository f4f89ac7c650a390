"""The sections of the district's report, as functions of a view. They print; they compute no money."""
