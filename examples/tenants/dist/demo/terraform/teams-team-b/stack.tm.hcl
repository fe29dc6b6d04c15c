# Written by platformc; the next build overwrites changes.
stack {
  name  = "teams-team-b"
  id    = "demo-teams-team-b"
  tags  = ["teams"]
  after = ["/demo/terraform/teams-vclusters"]
}
