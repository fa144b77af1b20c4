/** The frame around every page: navigation, presence, connection, palette and shortcut sheet. */
import { ActionIcon, Drawer } from "@mantine/core";
import { type ReactNode, Suspense, createContext, lazy, useContext, useEffect, useState } from "react";
import { useLocation } from "wouter";
import { LiveProvider } from "../live/LiveProvider";
import { mayAnswer, useSession } from "../session";
import { Icon } from "../ui/Icon";
import { words } from "../words";
import { ConnectionBanner } from "./ConnectionBanner";
import { Palette } from "./Palette";
import { Sidebar } from "./Sidebar";
import { useWaitingSignal } from "./counts";
import { holdShortcuts, useShortcuts } from "./keyboard";
import { PresenceContext, usePresence } from "./presence";
import css from "./shell.module.css";

const ShortcutSheet = lazy(() => import("./ShortcutSheet"));

export type Overlay = "palette" | "sheet" | "menu" | null;

const OverlayContext = createContext<(overlay: Overlay) => void>(() => undefined);

/** Opens the palette, the shortcut sheet or the small screen's menu. */
export const useOverlay = () => useContext(OverlayContext);

function Frame({ children }: { children: ReactNode }) {
  const [overlay, setOverlay] = useState<Overlay>(null);
  const [path, navigate] = useLocation();
  const session = useSession();
  const presence = usePresence(mayAnswer(session));
  useWaitingSignal();
  useShortcuts({
    "mod+k": () => setOverlay("palette"),
    "?": () => setOverlay("sheet"),
    "g i": () => navigate("/inbox"),
    "g k": () => navigate("/knowledge"),
  });
  useEffect(() => setOverlay(null), [path]);
  useEffect(() => holdShortcuts(overlay !== null), [overlay]);
  const close = (): void => setOverlay(null);

  return (
    <OverlayContext value={setOverlay}>
      <PresenceContext value={presence}>
        <a className={css.skip} href="#main" onClick={(event) => { event.preventDefault(); document.getElementById("main")?.focus(); }}>
          {words.skip}
        </a>
        <div className={css.frame}>
          <div className={css.banner}>
            <ConnectionBanner />
          </div>
          <header className={css.topbar}>
            <ActionIcon variant="subtle" size="lg" aria-label={words.nav.open} onClick={() => setOverlay("menu")}>
              <Icon name="menu" />
            </ActionIcon>
            <strong>{words.product}</strong>
            <ActionIcon variant="subtle" size="lg" aria-label={words.nav.palette} onClick={() => setOverlay("palette")}>
              <Icon name="search" />
            </ActionIcon>
          </header>
          <Sidebar />
          <main className={css.main} id="main" tabIndex={-1}>
            {children}
          </main>
        </div>
        <Drawer opened={overlay === "menu"} onClose={close} title={words.product} size="17rem">
          <div className={css.drawerBody}>
            <Sidebar inDrawer onGo={close} />
          </div>
        </Drawer>
        {overlay === "palette" && <Palette onClose={close} onSheet={() => setOverlay("sheet")} />}
        <Suspense fallback={null}>{overlay === "sheet" && <ShortcutSheet onClose={close} />}</Suspense>
      </PresenceContext>
    </OverlayContext>
  );
}

export function Shell({ children }: { children: ReactNode }) {
  const { member } = useSession();
  return (
    <LiveProvider memberId={member.id}>
      <Frame>{children}</Frame>
    </LiveProvider>
  );
}
