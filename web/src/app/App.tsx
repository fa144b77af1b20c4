/** Routes and what surrounds every page. A page's code is loaded when it is first opened. */
import { QueryClientProvider } from "@tanstack/react-query";
import { Component, type ReactNode, Suspense, lazy, useEffect, useState } from "react";
import { Redirect, Route, Router, Switch, useLocation } from "wouter";
import { makeClient } from "./api/client";
import { signedOut } from "./api/http";
import { LoginPage } from "./login/LoginPage";
import { SessionContext, useSessionQuery } from "./session";
import { Shell } from "./shell/Shell";
import { Empty, Failed, Loading } from "./ui/states";
import { Toasts } from "./ui/toast";
import { words } from "./words";

const InboxPage = lazy(() => import("./inbox/InboxPage"));
const KnowledgePage = lazy(() => import("./knowledge/KnowledgePage"));
const ArticlePage = lazy(() => import("./knowledge/ArticlePage"));
const SourcesPage = lazy(() => import("./knowledge/SourcesPage"));
const NewSourcePage = lazy(() => import("./knowledge/NewSourcePage"));
const SourcePage = lazy(() => import("./knowledge/SourcePage"));
const ApprovalsPage = lazy(() => import("./knowledge/ApprovalsPage"));
const ReleasesPage = lazy(() => import("./knowledge/ReleasesPage"));
const ReleasePage = lazy(() => import("./knowledge/ReleasePage"));
const GapsPage = lazy(() => import("./knowledge/GapsPage"));
const GapPage = lazy(() => import("./knowledge/GapPage"));
const RecallsPage = lazy(() => import("./knowledge/RecallsPage"));
const RecallPage = lazy(() => import("./knowledge/RecallPage"));
const ResolutionsPage = lazy(() => import("./knowledge/ResolutionsPage"));
const TestPage = lazy(() => import("./knowledge/TestPage"));
const TeamsPage = lazy(() => import("./people/TeamsPage"));
const HoursPage = lazy(() => import("./people/HoursPage"));
const PromisesPage = lazy(() => import("./people/PromisesPage"));
const QualityPage = lazy(() => import("./people/QualityPage"));
const ConfidencePage = lazy(() => import("./deciding/ConfidencePage"));
const ModelsPage = lazy(() => import("./models/ModelsPage"));
const RulesPage = lazy(() => import("./policy/RulesPage"));
const IntentsPage = lazy(() => import("./understanding/IntentsPage"));
const ActionsPage = lazy(() => import("./actions/ActionsPage"));
const ActionPage = lazy(() => import("./actions/ActionPage"));
const ActionImportPage = lazy(() => import("./actions/ImportPage"));
const ActionAuditPage = lazy(() => import("./actions/AuditPage"));
const ActionApprovalsPage = lazy(() => import("./approvals/ApprovalsPage"));
const WorkflowsPage = lazy(() => import("./workflows/WorkflowsPage"));
const WorkflowPage = lazy(() => import("./workflows/WorkflowPage"));
const ConversationPage = lazy(() => import("./inbox/ConversationPage"));

class Guard extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <Empty icon="alert" title={words.errors.title} text={words.errors.crash}>
        <button type="button" onClick={() => location.reload()}>
          {words.errors.reload}
        </button>
      </Empty>
    );
  }
}

function Pages() {
  return (
    <Suspense fallback={<Loading />}>
      <Switch>
        <Route path="/inbox/:ticket?">{(params) => <InboxPage ticketId={params.ticket ?? null} />}</Route>
        <Route path="/knowledge">{() => <KnowledgePage />}</Route>
        <Route path="/knowledge/sources">{() => <SourcesPage />}</Route>
        <Route path="/knowledge/sources/new">{() => <NewSourcePage />}</Route>
        <Route path="/knowledge/sources/:id">{(params) => <SourcePage key={params.id} id={params.id} />}</Route>
        <Route path="/knowledge/approvals">{() => <ApprovalsPage />}</Route>
        <Route path="/knowledge/releases">{() => <ReleasesPage />}</Route>
        <Route path="/knowledge/releases/:id">{(params) => <ReleasePage key={params.id} id={params.id} />}</Route>
        <Route path="/knowledge/gaps">{() => <GapsPage />}</Route>
        <Route path="/knowledge/gaps/:id">{(params) => <GapPage key={params.id} id={params.id} />}</Route>
        <Route path="/knowledge/recalls">{() => <RecallsPage />}</Route>
        <Route path="/knowledge/recalls/:id">{(params) => <RecallPage key={params.id} id={params.id} />}</Route>
        <Route path="/knowledge/resolutions">{() => <ResolutionsPage />}</Route>
        <Route path="/knowledge/test">{() => <TestPage />}</Route>
        <Route path="/confidence">{() => <ConfidencePage />}</Route>
        <Route path="/rules">{() => <RulesPage />}</Route>
        <Route path="/models">{() => <ModelsPage />}</Route>
        <Route path="/intents">{() => <IntentsPage />}</Route>
        <Route path="/actions">{() => <ActionsPage />}</Route>
        <Route path="/actions/new">{() => <ActionPage name={null} />}</Route>
        <Route path="/actions/import">{() => <ActionImportPage />}</Route>
        <Route path="/actions/audit">{() => <ActionAuditPage />}</Route>
        <Route path="/actions/registry/:name">{(params) => <ActionPage key={params.name} name={params.name} />}</Route>
        <Route path="/approvals">{() => <ActionApprovalsPage />}</Route>
        <Route path="/workflows">{() => <WorkflowsPage />}</Route>
        <Route path="/workflows/new">{() => <WorkflowPage name={null} />}</Route>
        <Route path="/workflows/edit/:name">{(params) => <WorkflowPage key={params.name} name={params.name} />}</Route>
        <Route path="/conversations/:id">{(params) => <ConversationPage key={params.id} id={params.id} />}</Route>
        <Route path="/people">
          <Redirect to="/people/teams" replace />
        </Route>
        <Route path="/people/teams">{() => <TeamsPage />}</Route>
        <Route path="/people/hours">{() => <HoursPage />}</Route>
        <Route path="/people/promises">{() => <PromisesPage />}</Route>
        <Route path="/people/quality">{() => <QualityPage />}</Route>
        <Route path="/knowledge/:id">{(params) => <ArticlePage key={params.id} id={params.id} />}</Route>
        <Route path="/login">
          <Redirect to="/inbox" replace />
        </Route>
        <Route path="/">
          <Redirect to="/inbox" replace />
        </Route>
        <Route>
          <Empty icon="info" title={words.errors.notFoundTitle} text={words.errors.notFound} />
        </Route>
      </Switch>
    </Suspense>
  );
}

function SignedInOrNot() {
  const session = useSessionQuery();
  const [path] = useLocation();
  const [expired, setExpired] = useState(false);
  useEffect(() => {
    const over = (): void => setExpired(true);
    signedOut.addEventListener("signed-out", over);
    return () => signedOut.removeEventListener("signed-out", over);
  }, []);
  if (session.data && expired) setExpired(false);
  if (session.isPending) return <Loading lines={3} />;
  if (session.isError) return <Failed error={session.error} retry={() => void session.refetch()} />;
  if (session.data === null) return <LoginPage expired={expired} returnTo={path === "/login" || path === "/" ? "/inbox" : path + location.search} />;
  return (
    <SessionContext value={session.data}>
      <Shell>
        <Guard key={path.split("/")[1]}>
          <Pages />
        </Guard>
      </Shell>
    </SessionContext>
  );
}

export function App() {
  const [client] = useState(makeClient);
  return (
    <QueryClientProvider client={client}>
      <Router base="/app">
        <Guard>
          <SignedInOrNot />
        </Guard>
      </Router>
      <Toasts />
    </QueryClientProvider>
  );
}
