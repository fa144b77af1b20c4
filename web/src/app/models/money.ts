/** Costs as a person reads them. Pure. */
import { language } from "../words";

const MICROS = 1_000_000;
const money = (digits: number) => new Intl.NumberFormat(language, { style: "currency", currency: "USD", minimumFractionDigits: digits, maximumFractionDigits: digits });
const whole = money(2);
const small = money(4);
const counts = new Intl.NumberFormat(language);

/** Millionths of a US dollar; four digits where two would say nothing. */
export const cost = (micros: number): string => (micros === 0 || micros >= MICROS / 10 ? whole : small).format(micros / MICROS);
export const count = (number: number): string => counts.format(number);
export const toDollars = (micros: number): number => micros / MICROS;
export const toMicros = (dollars: number): number => Math.round(dollars * MICROS);
