/** Tandem's mark. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg viewBox="0 0 32 32" width={size} height={size} aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#0d6872" />
      <path d="M7 9h13v4h-4.4v11h-4.2V13H7z" fill="#fff" />
      <circle cx="23" cy="20.5" r="4" fill="#8fe0d0" />
    </svg>
  );
}
