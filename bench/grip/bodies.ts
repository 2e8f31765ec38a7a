// What the origin answers, and the load expects.

/** An empty frame, as the load reads streams. */
export const heldBody = '\0\0'

/** As long as a message. */
export const plainBody = 'p'.repeat(100)
