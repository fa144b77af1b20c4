/** The pages of the knowledge beside its articles, as the addresses call them. */

export const rooms = ["sources", "approvals", "releases", "gaps", "recalls", "resolutions", "test"] as const;

/** The pages about actions beside the registry, as the addresses call them; for admins. */
export const actionRooms = ["audit", "import"] as const;

/** The pages about people, as the addresses call them. */
export const peopleRooms = ["teams", "hours", "promises", "quality"] as const;
