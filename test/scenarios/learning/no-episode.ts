/** A module without an episode. */
export const nothing = null;
