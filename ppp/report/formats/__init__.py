"""Documents made from a finished report: PDF, Word, the workbook, the meeting pack. They add no figure of their own."""
