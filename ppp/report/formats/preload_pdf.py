"""What PDF needs, imported before workers are forked; nothing where this machine cannot write it."""

from ppp.report.formats import pdf

pdf.why_not()
