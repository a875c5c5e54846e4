"""The console's pages: one protected vault, by keyboard.

A key means one thing on all of them; a capital is the sibling of its small letter. The key line and F1 show
those that act now, a test holds the commands against this table.

    Space  pick          an item, for a verb over several
    +      group         a new one in a recovery plan
    -      remove        what is marked in a recovery plan
    [      earlier       in a recovery plan
    ]      later         in a recovery plan
    Enter  edit          the marked recovery plan; elsewhere it opens what is marked
    Bksp   undo          the last change of a recovery plan
    a      action        a manual action before a group
    A      action after  the same behind it
    b      back          to the page before
    c      cancel        a job, a failover
    d      drill         of items or a recovery plan
    e      export        into a file
    f      filter        fewer rows, or all
    g      resume        a job that waits for a person
    G      restart       a job that has failed
    h      history       of drills and failovers
    i      machine       the picked items into a group
    j      jobs          of the vault
    k      change point  after a failover
    l      reprotect     after a committed failover
    m      commit        a failover
    n      new           recovery plan
    o      fail over     an item or a recovery plan
    O      planned       the planned failover of it
    p      plans         recovery plans
    r      refresh       ask Azure again now
    s      sort          by another column
    t      settings      of an item
    u      clean up      after a drill
    v      servers       configuration and process servers
    w      write         a recovery plan
    x      stop          following; what was asked goes on
    y      sign          the evidence, with a key of yours
    z      disable       the protection of an item
    2      second person  who approves a plan
"""
