/** What is kept in this browser belongs to one member: another one who signs in here starts with nothing of it. */

const OWNER = "tandem.member";
/** Choices about this browser itself stay for whoever uses it. */
const SHARED: ReadonlySet<string> = new Set([OWNER, "tandem.single-keys", "tandem.sound", "tandem.mode-known"]);

/** Makes the member the owner. True when somebody else was before, so that what pages hold must go too. */
export function own(memberId: string, storage: Storage = localStorage): boolean {
  try {
    const before = storage.getItem(OWNER);
    storage.setItem(OWNER, memberId);
    if (before === null || before === memberId) return false;
    for (const name of Object.keys(storage)) if (name.startsWith("tandem.") && !SHARED.has(name)) storage.removeItem(name);
    return true;
  } catch {
    return false;
  }
}
