/** Says when what is on screen may be old, when it is true again, and how far the assistant goes just now. */
import { CloseButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Link } from "wouter";
import { keys } from "../api/keys";
import * as calls from "../api/models";
import { useConnection } from "../live/LiveProvider";
import { Icon } from "../ui/Icon";
import { useKept } from "../ui/hooks";
import { mayDecide, useSession } from "../session";
import { words } from "../words";
import { modelWords } from "../words/models";
import css from "./shell.module.css";

const said = modelWords.banner;

/** A reconnection shorter than this is nobody's business. */
const PATIENCE_MS = 1_500;
const BACK_MS = 3_000;

/** How old the mode may be that is shown: a provider rests for 5 to 60 s. */
const MODE_MS = 30_000;

interface ModeLine {
  /** what it is remembered by once it was closed */
  known: string;
  text: string;
  tone: "amber" | "plain";
}

/** What to say of the mode; null where all is well, undefined until it is known. */
function useModeLine(): ModeLine | null | undefined {
  const decides = mayDecide(useSession());
  const found = useQuery({ queryKey: keys.mode, queryFn: ({ signal }) => calls.mode(signal), refetchInterval: MODE_MS, retry: false }).data;
  if (!found) return undefined;
  const { mode, why, chosen, budget } = found;
  if (mode === "full") return decides && budget === "soft" ? { known: "soft", text: said.soft, tone: "amber" } : null;
  return { known: `${mode}: ${why}`, text: said.line(mode, why), tone: mode === "quotation-only" && chosen === "full" ? "plain" : "amber" };
}

export function ConnectionBanner() {
  const state = useConnection();
  const mode = useModeLine();
  const decides = mayDecide(useSession());
  const [known, setKnown] = useKept("tandem.mode-known", "");
  if (mode === null && known) setKnown("");
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
      {!shown && mode && mode.known !== known && (
        <div className={css.bannerLine} data-tone={mode.tone}>
          <Icon name="info" size={14} />
          <span>{mode.text}</span>
          {decides && <Link href="/models">{said.more}</Link>}
          <CloseButton size="xs" aria-label={words.close} onClick={() => setKnown(mode.known)} />
        </div>
      )}
    </div>
  );
}
