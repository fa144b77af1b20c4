/** One change to the people's settings: runs, renews what is shown, says that it is saved or why not. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { keys } from "../api/keys";
import { explain } from "../ui/states";
import { toast } from "../ui/toast";
import { peopleWords } from "../words/people";

export function useSaving<V, T>(run: (value: V) => Promise<T>, after?: (result: T) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSuccess: (result) => {
      for (const queryKey of [keys.people, keys.members, keys.lists]) void client.invalidateQueries({ queryKey });
      toast(peopleWords.saved);
      after?.(result);
    },
    onError: (error) => toast(explain(error), { tone: "red" }),
  });
}
