/** The words of the staff app: one catalogue today, the place to choose another one tomorrow. */
export { language, words } from "./en";
export { pluralIn } from "./plural";
