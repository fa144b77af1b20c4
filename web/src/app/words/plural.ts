/** Chooses a wording by number, as the language of the catalogue wants it. */

export type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

/** Makes a plural function for one language; "#" stands for the number, written as that language writes it. */
export function pluralIn(language: string): (count: number, forms: Forms) => string {
  const rules = new Intl.PluralRules(language);
  const numbers = new Intl.NumberFormat(language);
  return (count, forms) => (forms[rules.select(count)] ?? forms.other).replaceAll("#", numbers.format(count));
}
