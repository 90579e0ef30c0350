// Read by PostGraphile when it is loaded, so this stands before everything else.
// It writes limit and offset into the text of a statement: each page is a statement of its own to be kept prepared.
process.env.DATAPLAN_PG_PREPARED_STATEMENT_CACHE_SIZE ??= '1000';
