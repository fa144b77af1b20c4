/** Who am I, how the app looks and behaves here, and the way out. */
import { Popover, SegmentedControl, Switch, useMantineColorScheme } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import * as calls from "../api/calls";
import { changeSession, useSession } from "../session";
import { Icon } from "../ui/Icon";
import { Avatar, Spoken } from "../ui/small";
import { explain } from "../ui/states";
import { toast } from "../ui/toast";
import { words } from "../words";
import { useSoundChoice } from "./counts";
import { setSingleKeys, useSingleKeys } from "./keyboard";
import { useOverlay } from "./Shell";
import css from "./shell.module.css";

function ThemeChoice() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const label = useId();
  return (
    <div>
      <span className={css.menuLabel} id={label}>
        {words.nav.theme}
      </span>
      <SegmentedControl
        fullWidth
        size="xs"
        aria-labelledby={label}
        value={colorScheme}
        onChange={setColorScheme}
        data={[
          { value: "light", label: words.nav.light },
          { value: "dark", label: words.nav.dark },
          { value: "auto", label: words.nav.auto },
        ]}
      />
    </div>
  );
}

export function AccountMenu() {
  const { member } = useSession();
  const client = useQueryClient();
  const open = useOverlay();
  const singleKeys = useSingleKeys();
  const [opened, setOpened] = useState(false);
  const [sound, setSound] = useSoundChoice();

  const signOut = async (): Promise<void> => {
    try {
      await calls.logout();
    } catch (error) {
      toast(explain(error), { tone: "red" });
      return;
    }
    changeSession(client, null);
  };

  return (
    <Popover position="top-start" width={264} trapFocus withinPortal shadow="md" opened={opened} onChange={setOpened}>
      <Popover.Target>
        <button type="button" className={css.account} onClick={() => setOpened(!opened)}>
          <Avatar name={member.name} tone="accent" />
          <span className={css.who}>
            <strong>{member.name}</strong>
            <span>{words.role[member.role]}</span>
          </span>
          <Spoken>{words.nav.account}</Spoken>
          <Icon name="dots" />
        </button>
      </Popover.Target>
      <Popover.Dropdown p={0} aria-label={words.nav.account}>
        <div className={css.menuBox}>
          <span className={css.menuLabel}>{member.email}</span>
          <ThemeChoice />
          <Switch size="xs" label={words.nav.singleKeys} checked={singleKeys} onChange={(event) => setSingleKeys(event.currentTarget.checked)} />
          <Switch size="xs" label={words.nav.sound} checked={sound} onChange={(event) => setSound(event.currentTarget.checked)} />
        </div>
        <div className={css.menuItems}>
          <button
            type="button"
            onClick={() => {
              setOpened(false);
              open("sheet");
            }}
          >
            <Icon name="info" size={14} />
            {words.nav.shortcuts}
          </button>
          <button type="button" onClick={() => void signOut()}>
            <Icon name="hand" size={14} />
            {words.nav.signOut}
          </button>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
