/** Numbers as the page about the confidence writes them. */
import { language } from "../words";

export { percentExact as exact } from "../format";

const numbers = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });

/** A number; from ten on without decimals. */
export const figure = (value: number): string => (Math.abs(value) < 10 ? numbers : whole).format(value);
