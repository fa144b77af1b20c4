/** Lists as people type them: separated by commas. Pure. */

export const listed = (text: string): string[] => [...new Set(text.split(",").map((one) => one.trim()).filter(Boolean))];
export const typed = (items: readonly string[]): string => items.join(", ");
