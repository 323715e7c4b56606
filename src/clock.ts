/** Time as a parameter: everything that needs to know what time it is takes a `Clock`. */

/** UTC, milliseconds since the epoch; fractions carry microseconds where the platform has them. */
export type Clock = () => number

/** The machine's own clock, with microsecond resolution. */
export const systemClock: Clock = () => performance.timeOrigin + performance.now()
