/** Says when what is on screen may be old, and when it is true again. */
import { CloseButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import * as calls from "../api/calls";
import { keys } from "../api/keys";
import { useConnection } from "../live/LiveProvider";
import { Icon } from "../ui/Icon";
import { useKept } from "../ui/hooks";
import { words } from "../words";
import css from "./shell.module.css";

/** A reconnection shorter than this is nobody's business. */
const PATIENCE_MS = 1_500;
const BACK_MS = 3_000;

function useMode(): string | null {
  const health = useQuery({
    queryKey: keys.health,
    queryFn: ({ signal }) => calls.health(signal),
    refetchInterval: 60_000,
    retry: false,
  });
  return health.data?.mode ?? null;
}

export function ConnectionBanner() {
  const state = useConnection();
  const mode = useMode();
  const [known, setKnown] = useKept("tandem.no-model-known", false);
  if (mode === "full" && known) setKnown(false);
  const [shown, setShown] = useState<"offline" | "reconnecting" | "back" | null>(null);
  const wasDown = useRef(false);

  useEffect(() => {
    if (state === "offline" || state === "reconnecting") {
      const timer = setTimeout(
        () => {
          wasDown.current = true;
          setShown(state);
        },
        state === "offline" ? 0 : PATIENCE_MS,
      );
      return () => clearTimeout(timer);
    }
    if (state !== "live" || !wasDown.current) return;
    wasDown.current = false;
    setShown("back");
    const timer = setTimeout(() => setShown(null), BACK_MS);
    return () => clearTimeout(timer);
  }, [state]);

  return (
    <div role="status">
      {shown && (
        <div className={css.bannerLine} data-tone={shown === "back" ? "green" : shown === "offline" ? "red" : "amber"}>
          <Icon name={shown === "back" ? "check" : "alert"} size={14} />
          {words.connection[shown]}
        </div>
      )}
      {!shown && mode === "retrieval-only" && !known && (
        <div className={css.bannerLine} data-tone="plain">
          <Icon name="info" size={14} />
          {words.connection.degraded}
          <CloseButton size="xs" aria-label={words.close} onClick={() => setKnown(true)} />
        </div>
      )}
    </div>
  );
}
