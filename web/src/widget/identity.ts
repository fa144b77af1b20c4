/** Reads who an identity (a JWT of the company's own backend) says it is about. */

/** The `sub`, or null. For comparing only: the server verifies, the widget never does. */
export function subjectOf(identity: string | undefined): string | null {
  try {
    const claims = (identity ?? "").split(".")[1] ?? "";
    return (JSON.parse(atob(claims.replace(/-/g, "+").replace(/_/g, "/"))) as { sub?: string }).sub ?? null;
  } catch {
    return null;
  }
}
