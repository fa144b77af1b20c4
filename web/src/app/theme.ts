/** Mantine's theme: one accent, and the places where Mantine's own defaults fail WCAG AA put right once. */
import { type CSSVariablesResolver, type MantineColorsTuple, Modal, Drawer, createTheme, defaultVariantColorsResolver } from "@mantine/core";
import { words } from "./words";

const petrol: MantineColorsTuple = [
  "#effafa", "#dbf1f2", "#b5e1e4", "#84ccd2", "#52b4bc", "#2f98a1", "#157c86", "#0d6872", "#0b555e", "#08434b",
];
const red: MantineColorsTuple = [
  "#fff1f0", "#ffe0de", "#ffc2be", "#ff9c96", "#f7756d", "#e25149", "#c93a33", "#b42d27", "#96241f", "#771b17",
];

export const theme = createTheme({
  primaryColor: "petrol",
  primaryShade: { light: 7, dark: 6 },
  colors: { petrol, red },
  fontFamily: 'ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace',
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.125rem" },
  // Light and subtle variants take our text tokens: Mantine's tinted text is below 4.5:1 for several colours.
  variantColorResolver: (input) => {
    const colors = defaultVariantColorsResolver(input);
    if (input.variant === "light") return { ...colors, color: "var(--text)", background: "var(--sunken)", hover: "var(--hover)" };
    if (input.variant === "subtle") return { ...colors, color: "var(--text-dim)", hover: "var(--hover)" };
    return colors;
  },
  components: {
    Modal: Modal.extend({ defaultProps: { closeButtonProps: { "aria-label": words.close }, centered: true } }),
    Drawer: Drawer.extend({ defaultProps: { closeButtonProps: { "aria-label": words.close } } }),
  },
});

const fromTokens = {
  "--mantine-color-body": "var(--surface)",
  "--mantine-color-text": "var(--text)",
  "--mantine-color-dimmed": "var(--text-dim)",
  "--mantine-color-default": "var(--surface)",
  "--mantine-color-default-hover": "var(--hover)",
  "--mantine-color-default-color": "var(--text)",
  "--mantine-color-default-border": "var(--line-strong)",
  "--mantine-color-placeholder": "var(--text-dim)",
  "--mantine-color-error": "var(--red)",
  "--mantine-color-anchor": "var(--accent)",
};

/** Mantine's own variables follow our tokens, so that both worlds share one palette. */
export const variables: CSSVariablesResolver = () => ({ variables: {}, light: fromTokens, dark: fromTokens });
