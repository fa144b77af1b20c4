/** Who is signed in: asked once, kept in the cache, emptied when the server says the session is over. */
import { type QueryClient, useQuery } from "@tanstack/react-query";
import { createContext, useContext } from "react";
import { Problem } from "../shared/problem";
import * as calls from "./api/calls";
import { keys } from "./api/keys";
import type { Session } from "./api/types";

/** The session, or null when nobody is signed in. */
export function useSessionQuery() {
  return useQuery<Session | null>({
    queryKey: keys.me,
    staleTime: Infinity,
    queryFn: async ({ signal }) => {
      try {
        return await calls.me(signal);
      } catch (error) {
        if (error instanceof Problem && error.status === 401) return null;
        throw error;
      }
    },
  });
}

/** Signs in or out here: forgets everything the last member saw, then tells every page who it is now. */
export function changeSession(client: QueryClient, session: Session | null): void {
  client.removeQueries({ predicate: (query) => query.queryKey[0] !== keys.me[0] });
  client.setQueryData(keys.me, session);
}

export const SessionContext = createContext<Session | null>(null);

/** The signed-in member. Only used inside pages that need one. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("This page needs a signed-in member.");
  return session;
}

export const mayAnswer = (session: Session): boolean => session.member.role !== "viewer";
export const mayDecide = (session: Session): boolean => session.member.role === "admin";
export const mayEditKnowledge = (session: Session): boolean => session.member.role === "admin";
