/** MAX_COLUMNS: of the event table and a few more, so that the bound is met. */
export const columnsMax = 25
