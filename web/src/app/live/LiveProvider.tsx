/** Connects the stream to the cache and to the moment while a member is signed in, and says how it is doing. */
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, createContext, useContext, useEffect, useRef, useState } from "react";
import type { LiveEvent, StreamState } from "./events";
import { moment } from "./moment";
import { catchingUp, patcher, refresh } from "./patch";
import { listen } from "./tabs";

const Connection = createContext<StreamState>("connecting");

export const useConnection = (): StreamState => useContext(Connection);

export function LiveProvider({ memberId, onEvent, children }: { memberId: string; onEvent?: (event: LiveEvent) => void; children: ReactNode }) {
  const client = useQueryClient();
  const [state, setState] = useState<StreamState>("connecting");
  const listener = useRef(onEvent);
  useEffect(() => {
    listener.current = onEvent;
  });

  useEffect(() => {
    const patch = patcher(client);
    const catchUp = catchingUp(client, moment.forget);
    const stop = listen(memberId, {
      event: (event) => {
        moment.take(event);
        patch(event);
        listener.current?.(event);
      },
      state: (next) => {
        setState(next);
        catchUp(next);
      },
    });
    const fading = setInterval(moment.fade, 1_000);
    // A tab that slept may have missed what the leading tab said.
    const seen = (): void => {
      if (document.visibilityState === "visible") refresh(client);
    };
    document.addEventListener("visibilitychange", seen);
    return () => {
      stop();
      clearInterval(fading);
      document.removeEventListener("visibilitychange", seen);
    };
  }, [client, memberId]);

  return <Connection.Provider value={state}>{children}</Connection.Provider>;
}
